"""A visitor with a slow connection."""

from typing import Final

# The server's messages arrive late, in their order, as on a slow connection.
FAR_AWAY: Final = """
const listen = WebSocket.prototype.addEventListener;
WebSocket.prototype.addEventListener = function (kind, take, ...others) {
  const late = kind === 'message' ? (event) => setTimeout(() => take(event), 400) : take;
  listen.call(this, kind, late, ...others);
};
"""
