"""What stands between a visitor and a new entry: form, check, quota, key, upload."""
