"""What people fill in. Each form calls one verb; what is refused is said on the form, with the words kept."""
