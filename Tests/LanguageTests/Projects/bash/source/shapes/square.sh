area() {
    echo $(($1 * $1))
}
