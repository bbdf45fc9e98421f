"""Every change as data, and the pure rules that apply it to what the boards are."""
