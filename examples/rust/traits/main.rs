trait Animal {
    fn name(&self) -> String;
    fn sound(&self) -> &'static str;

    fn speak(&self) -> String {
        format!("{} says {}", self.name(), self.sound())
    }
}

struct Dog {
    name: String,
}

struct Cow;

impl Animal for Dog {
    fn name(&self) -> String {
        self.name.clone()
    }
    fn sound(&self) -> &'static str {
        "woof"
    }
}

impl Animal for Cow {
    fn name(&self) -> String {
        "the cow".to_string()
    }
    fn sound(&self) -> &'static str {
        "moo"
    }
    fn speak(&self) -> String {
        format!("{} chews, then says {}", self.name(), self.sound())
    }
}

fn main() {
    let farm: Vec<Box<dyn Animal>> = vec![Box::new(Dog { name: "Rex".into() }), Box::new(Cow)];
    for animal in &farm {
        println!("{}", animal.speak());
    }
}
