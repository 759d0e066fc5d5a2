struct Book {
    let title: String
    let pages: Int?
}

func describe(_ book: Book) -> String {
    guard let pages = book.pages else { return "\(book.title): nobody has counted the pages" }
    return "\(book.title): \(pages) pages"
}

let shelf = ["Emma": Book(title: "Emma", pages: 474), "Beowulf": Book(title: "Beowulf", pages: nil)]

for title in ["Emma", "Beowulf", "Ulysses"] {
    if let book = shelf[title] {
        print(describe(book))
    } else {
        print("\(title) is not on the shelf")
    }
}

let total = shelf.values.compactMap(\.pages).reduce(0, +)
print("pages counted: \(total)")
print("first letter of nothing:", "".first.map(String.init) ?? "none")
