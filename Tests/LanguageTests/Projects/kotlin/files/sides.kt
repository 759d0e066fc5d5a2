val sides = listOf(6, 7)
