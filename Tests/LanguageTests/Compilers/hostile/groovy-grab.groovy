@Grab("org.example:library:1.0")
import org.example.Library

println Library.name
