package main

func square(side int) int { return side * side }
