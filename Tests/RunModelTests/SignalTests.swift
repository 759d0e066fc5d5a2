import Glibc
import RunModel
import StrictJSON
import Testing

@Suite struct SignalTests {
    private func number(_ value: String) throws(APIError) -> UInt8 {
        try SignalBody.parse(Array("{\"signal\":\(value)}".utf8), limits: JSONLimits(bytes: 1 << 20)).number
    }

    /// The table is the kernel's.
    @Test func numbersAreThoseOfTheSystem() {
        let system: [(String, Int32)] = [
            ("HUP", SIGHUP), ("INT", SIGINT), ("QUIT", SIGQUIT), ("ILL", SIGILL), ("TRAP", SIGTRAP), ("ABRT", SIGABRT),
            ("BUS", SIGBUS), ("FPE", SIGFPE), ("KILL", SIGKILL), ("USR1", SIGUSR1), ("SEGV", SIGSEGV),
            ("USR2", SIGUSR2),
            ("PIPE", SIGPIPE), ("ALRM", SIGALRM), ("TERM", SIGTERM), ("STKFLT", SIGSTKFLT), ("CHLD", SIGCHLD),
            ("CONT", SIGCONT), ("STOP", SIGSTOP), ("TSTP", SIGTSTP), ("TTIN", SIGTTIN), ("TTOU", SIGTTOU),
            ("URG", SIGURG),
            ("XCPU", SIGXCPU), ("XFSZ", SIGXFSZ), ("VTALRM", SIGVTALRM), ("PROF", SIGPROF), ("WINCH", SIGWINCH),
            ("IO", SIGIO), ("PWR", SIGPWR), ("SYS", SIGSYS),
        ]
        #expect(system.count == 31)
        for (name, number) in system {
            for spelling in [name, "SIG" + name, "sig" + name.lowercased(), name.lowercased()] {
                #expect(SignalName.number(of: spelling).map(Int32.init) == number)
            }
        }
    }

    @Test(arguments: [
        "", "SIG", "SIGSIG", "SIGSIGINT", "FOO", "2", " INT", "INT ", "SIGINT\u{0}", "ſIGINT", "ınt", "SIGRTMIN",
    ])
    func whatIsNoNameIsNil(name: String) {
        #expect(SignalName.number(of: name) == nil)
    }

    @Test func namesAndNumbersOneTo64() throws {
        #expect(try number("\"SIGKILL\"") == 9)
        #expect(try number("\"term\"") == 15)
        for value in 1...64 { #expect(try number("\(value)") == UInt8(value)) }
        // However JSON Schema lets a whole number be written.
        for two in ["2.0", "2e0", "20e-1", "0.2e1"] { #expect(try number(two) == 2) }
        for bad in [
            "0", "65", "-1", "-0", "2.5", "2e-1", "0.5", "1e999", "256", "258", "9223372036854775808",
            "18446744073709551618",
            "\"2\"", "\"\"", "true", "null", "[]", "{}",
        ] {
            let error = #expect(throws: APIError.self) { try number(bad) }
            #expect(error?.details["signal"] != nil)
        }
    }

    @Test func inputIsBytesAndPerhapsTheEnd() throws {
        func input(_ text: String) throws -> InputBody {
            try InputBody.parse(Array(text.utf8), limits: JSONLimits(bytes: 1 << 20))
        }
        #expect(try input(#"{"data":"a\n"}"#).bytes == [0x61, 0x0a])
        #expect(try input(#"{"data":"a\n"}"#).end == false)
        #expect(try input(#"{"data":"/w==","encoding":"base64","eof":true}"#).bytes == [0xff])
        #expect(try input(#"{"eof":true}"#).end)
        #expect(try input("{}").bytes.isEmpty)
        #expect(try input(#"{"data":null,"encoding":null,"eof":null}"#).end == false)
        for bad in [#"{"data":1}"#, #"{"dat":"a"}"#, #"{"eof":"true"}"#, #"{"data":"a","encoding":"base64"}"#] {
            #expect(throws: APIError.self) { try input(bad) }
        }
    }
}
