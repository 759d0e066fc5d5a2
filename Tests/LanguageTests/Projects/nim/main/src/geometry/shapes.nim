func square*(side: int): int = side * side
