"""Every change as data, and the pure rules that apply it to the boards."""
