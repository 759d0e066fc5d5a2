internal import RunModel

/// Who is on the line: at most one that controls, any number that look on. A value.
struct Attachments: Sendable {
    private(set) var controller: Int?
    private var looking: Set<Int> = []
    private var last = 0

    var observers: Int { looking.count }

    /// - Returns: the number of the new line; nil when another one controls the session and is not to be taken over from.
    mutating func add(_ mode: AttachMode, takesOver: Bool) -> Int? {
        if mode == .control, let current = controller {
            guard takesOver else { return nil }
            looking.insert(current)
        }
        last += 1
        switch mode {
        case .control: controller = last
        case .observe: looking.insert(last)
        }
        return last
    }

    func mode(of line: Int) -> AttachMode? {
        if controller == line { return .control }
        return looking.contains(line) ? .observe : nil
    }

    /// - Returns: whether nobody controls the session from here on, and this line did.
    mutating func remove(_ line: Int) -> Bool {
        looking.remove(line)
        guard controller == line else { return false }
        controller = nil
        return true
    }
}
