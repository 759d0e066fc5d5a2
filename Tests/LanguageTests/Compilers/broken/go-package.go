package answer

func main() {}
