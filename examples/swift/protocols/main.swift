protocol Shape {
    var name: String { get }
    func contains(x: Double, y: Double) -> Bool
}

extension Shape {
    /// Drawn with characters, from -1 to 1 in both directions.
    func drawn(size: Int = 9) -> String {
        (0..<size).map { row in
            (0..<size * 2).map { column in
                let x = Double(column) / Double(size * 2 - 1) * 2 - 1
                let y = 1 - Double(row) / Double(size - 1) * 2
                return contains(x: x, y: y) ? "#" : "."
            }.joined()
        }.joined(separator: "\n")
    }
}

struct Disk: Shape {
    let name = "disk"
    func contains(x: Double, y: Double) -> Bool { x * x + y * y <= 1 }
}

struct Difference<Whole: Shape, Hole: Shape>: Shape {
    let whole: Whole
    let hole: Hole
    var name: String { "\(whole.name) without \(hole.name)" }
    func contains(x: Double, y: Double) -> Bool { whole.contains(x: x, y: y) && !hole.contains(x: x, y: y) }
}

struct Diamond: Shape {
    let name = "diamond"
    func contains(x: Double, y: Double) -> Bool { abs(x) + abs(y) <= 0.8 }
}

for shape in [Disk(), Difference(whole: Disk(), hole: Diamond())] as [any Shape] {
    print(shape.name)
    print(shape.drawn())
}
