"""Orders: cargo jobs, their stops and states."""
