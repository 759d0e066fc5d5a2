square() { print $(($1 * $1)) }
