"""The leaderboard: boards, jobs, pages and the server."""
