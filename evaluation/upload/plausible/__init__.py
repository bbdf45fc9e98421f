"""What is plausible and wrong in answers: the form is off, and a right answer scores nothing."""
