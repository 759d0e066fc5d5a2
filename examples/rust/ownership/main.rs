fn length(text: &str) -> usize {
    text.chars().count()
}

fn shout(text: &mut String) {
    *text = text.to_uppercase();
    text.push('!');
}

fn boxed(text: String) -> Vec<String> {
    vec![text] // the vector owns it from here on
}

fn main() {
    let mut greeting = String::from("grüezi");
    println!("{} has {} letters", greeting, length(&greeting));
    shout(&mut greeting);
    println!("{greeting}");
    let things = boxed(greeting);
    println!("{things:?}");
    // println!("{greeting}"); would not compile: its value was moved into the vector.
}
