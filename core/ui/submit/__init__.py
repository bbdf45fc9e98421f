"""The Submit page: introduction, check, form, the job as it runs, its result."""
