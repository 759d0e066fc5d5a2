internal import RunModel

/// What somebody at a `nestbox top` has chosen. A value: keys and overviews go in, actions come out.
struct TopState: Equatable {
    enum Action: Equatable {
        case none, redraw, quit
        /// Ends a run or a session.
        case end(TopTarget)
    }

    private(set) var view: TopView
    private(set) var columns: [TopView: Int] = [:]
    private(set) var selected = 0
    private(set) var isPaused = false
    /// A question that waits for `y`.
    private(set) var question: TopTarget?
    private var overview: AdminOverview?

    init(view: TopView, column: Int? = nil) {
        self.view = view
        if let column { columns[view] = column }
    }

    var column: Int { columns[view] ?? view.firstColumn }

    /// The present table, in its order; nil before the first overview.
    var table: TopTable? { overview.map { view.table($0).sorted(by: column) } }

    /// A new overview. The same row stays selected, as long as it is there.
    mutating func update(_ overview: AdminOverview) {
        let before = target
        self.overview = overview
        let rows = table?.rows ?? []
        if let before, let index = rows.firstIndex(where: { $0.target == before }) { selected = index }
        selected = min(selected, max(rows.count - 1, 0))
    }

    private var target: TopTarget? {
        guard let rows = table?.rows, rows.indices.contains(selected) else { return nil }
        return rows[selected].target
    }

    mutating func press(_ key: KeyReader.Key) -> Action {
        if let target = question {
            question = nil
            if case .character("y") = key { return .end(target) }
            return key == .nothing ? ask(target) : .redraw
        }
        switch key {
        case .nothing: return .none
        case .endOfInput, .character("q"), .control("C"): return .quit
        case .character(let digit)
        where digit.wholeNumberValue.map { (1...TopView.allCases.count).contains($0) } == true:
            return show(TopView.allCases[(digit.wholeNumberValue ?? 1) - 1])
        case .tab, .right: return step(1)
        case .left: return step(TopView.allCases.count - 1)
        case .character("s"): return sort(by: 1)
        case .character("S"): return sort(by: (table?.columns.count ?? 1) - 1)
        case .up: selected = max(selected - 1, 0)
        case .down: selected = min(selected + 1, max((table?.rows.count ?? 1) - 1, 0))
        case .home: selected = 0
        case .end: selected = max((table?.rows.count ?? 1) - 1, 0)
        case .character("p"), .character(" "): isPaused.toggle()
        case .character("k"): if let target { return ask(target) }
        default: return .none
        }
        return .redraw
    }

    private mutating func ask(_ target: TopTarget) -> Action {
        question = target
        return .redraw
    }

    private mutating func show(_ next: TopView) -> Action {
        view = next
        selected = 0
        return .redraw
    }

    private mutating func step(_ count: Int) -> Action {
        let index = TopView.allCases.firstIndex(of: view) ?? 0
        return show(TopView.allCases[(index + count) % TopView.allCases.count])
    }

    private mutating func sort(by step: Int) -> Action {
        guard let count = table?.columns.count else { return .none }
        columns[view] = (column + step) % count
        return .redraw
    }
}
