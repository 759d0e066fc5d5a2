actor Tally {
    private var counts: [String: Int] = [:]

    func add(_ word: String) {
        counts[word, default: 0] += 1
    }

    var sorted: [(word: String, count: Int)] {
        counts.map { (word: $0.key, count: $0.value) }.sorted { ($1.count, $0.word) < ($0.count, $1.word) }
    }
}

let pages = [
    "to be or not to be", "that is the question", "whether it is nobler in the mind", "to suffer the slings",
]
let tally = Tally()

await withTaskGroup(of: Int.self) { group in
    for page in pages {
        group.addTask {
            let words = page.split(separator: " ")
            for word in words { await tally.add(String(word)) }
            return words.count
        }
    }
    var total = 0
    for await count in group { total += count }
    print("\(total) words")
}
for (word, count) in await tally.sorted.prefix(4) { print(count, word) }
