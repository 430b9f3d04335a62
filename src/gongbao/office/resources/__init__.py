"""应急资源: the registers that units keep in the office; what is nearest and can serve; who has what, for which case."""
