"""The Submit page: introduction, check, form, running job, result."""
