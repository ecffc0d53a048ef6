"""Out: live rooms over WebSockets and notifications."""
