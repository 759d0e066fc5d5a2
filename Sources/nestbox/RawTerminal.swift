internal import Glibc
internal import SandboxSpec
internal import Synchronization

/// The own terminal in raw mode, for a program that has one of its own: every key goes to the program.
enum RawTerminal {
    private static let saved = Mutex<termios?>(nil)

    /// Puts the terminal of stdin into raw mode; nothing when stdin is none. Undone by `restore`.
    static func enter() {
        var settings = termios()
        guard tcgetattr(Console.input, &settings) == 0 else { return }
        saved.withLock { $0 = $0 ?? settings }
        cfmakeraw(&settings)
        tcsetattr(Console.input, TCSADRAIN, &settings)
    }

    /// The terminal as it was found. Any number of times, from any thread.
    static func restore() {
        saved.withLock { saved in
            guard var settings = saved.take() else { return }
            tcsetattr(Console.input, TCSADRAIN, &settings)
        }
    }

    /// The size of the terminal this process talks to, if there is one.
    static var size: TerminalSize? {
        for descriptor in [Console.input, Console.output, Console.errors] {
            var size = winsize()
            if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 {
                return TerminalSize(rows: size.ws_row, columns: size.ws_col)
            }
        }
        return nil
    }
}
