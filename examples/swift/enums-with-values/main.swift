enum State: Equatable {
    case idle
    case waiting(paid: Int)
    case serving(drink: String, change: Int)
}

enum Event {
    case coin(Int)
    case choose(String)
    case taken
}

let prices = ["tea": 120, "cocoa": 180]

func next(_ state: State, _ event: Event) -> State {
    switch (state, event) {
    case (.idle, .coin(let cents)):
        return .waiting(paid: cents)
    case (.waiting(let paid), .coin(let cents)):
        return .waiting(paid: paid + cents)
    case (.waiting(let paid), .choose(let drink)):
        guard let price = prices[drink], paid >= price else { return state }
        return .serving(drink: drink, change: paid - price)
    case (.serving, .taken):
        return .idle
    default:
        return state
    }
}

var state = State.idle
for event in [Event.choose("tea"), .coin(100), .choose("tea"), .coin(50), .choose("tea"), .coin(10), .taken] {
    let after = next(state, event)
    print(event, after == state ? "changes nothing" : "-> \(after)")
    state = after
}
