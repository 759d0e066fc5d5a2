import RunModel
import StrictJSON
import Testing

@Suite struct ObjectReaderTests {
    private func reader(_ text: String) throws(APIError) -> ObjectReader {
        try ObjectReader.parse(Array(text.utf8), limits: JSONLimits(bytes: 16 << 20))
    }

    private func failure(_ text: String, _ read: (ObjectReader) -> Void) -> APIError? {
        do {
            let reader = try reader(text)
            read(reader)
            try reader.finish()
            return nil
        } catch {
            return error
        }
    }

    @Test func readsWhatIsThere() throws {
        let reader = try reader(
            #"{"s":"é","b":true,"i":-5,"l":["a","b"],"d":{"k":"v"},"o":[{"n":1},{"n":2}],"z":null}"#)
        #expect(reader.string("s") == "é")
        #expect(reader.bool("b") == true)
        #expect(reader.integer("i", in: -5...5) == -5)
        #expect(reader.strings("l") == ["a", "b"])
        #expect(
            reader.dictionary("d", "a string") { if case .string(let text) = $0 { text } else { nil } } == ["k": "v"])
        #expect(reader.objects("o", maximum: 2) { element, _ in element.integer("n", in: 0...9) } == [1, 2])
        #expect(reader.string("z") == nil)
        #expect(reader.string("absent") == nil)
        #expect(throws: Never.self) { try reader.finish() }
    }

    @Test(arguments: ["", "nul", "{", "{\"a\":1,\"a\":2}", "[]", "1", "\"a\"", "null", "true", "{} {}", "\u{feff}{}"])
    func whatIsNoObjectIsInvalidJSON(text: String) {
        #expect(throws: APIError.self) { try reader(text) }
        #expect(failure(text) { _ in }?.code == .invalidJSON)
    }

    @Test func everyMistakeIsNamedAtOnceByItsPath() {
        let error = failure(#"{"s":1,"b":"x","i":11,"l":["a",2],"d":{"k":3},"o":[{},{"n":"x","m":0}],"new":1}"#) {
            reader in
            _ = reader.string("s")
            _ = reader.bool("b")
            _ = reader.integer("i", in: 0...10)
            _ = reader.strings("l")
            _ = reader.dictionary("d", "a string") { if case .string(let text) = $0 { text } else { nil } }
            _ = reader.objects("o", maximum: 5) { element, _ in element.integer("n", in: 0...9, required: true) }
            _ = reader.string("r", required: true)
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.retryable == false)
        #expect(
            error?.details.keys.sorted() == ["b", "d.k", "i", "l[1]", "new", "o[0].n", "o[1].m", "o[1].n", "r", "s"])
        #expect(error?.message.hasPrefix("s is a number, expected is a string") == true)
        #expect(error?.message.contains("9 more") == true)
    }

    @Test func unknownNamesComeWithASuggestion() {
        let error = failure(#"{"langauge":"x","zzzzzzz":1}"#) { _ = $0.string("language") }
        #expect(error?.details["langauge"]?.contains("did you mean language?") == true)
        #expect(error?.details["zzzzzzz"]?.contains("did you mean") == false)
    }

    /// The first error of a field is the one that is told.
    @Test func aSecondMistakeDoesNotHideTheFirst() {
        let error = failure(#"{"s":1}"#) { reader in
            _ = reader.string("s")
            reader.complain("s", "is something else")
        }
        #expect(error?.details == ["s": "is a number, expected is a string"])
    }

    /// However much is wrong, the answer is small and made quickly.
    @Test func anAnswerIsBounded() {
        let names = (0..<4000).map { "\"unknown\($0)\(String(repeating: "x", count: 20))\":1" }.joined(separator: ",")
        let objects = Array(repeating: "{\(names)}", count: 20).joined(separator: ",")
        let clock = ContinuousClock()
        let start = clock.now
        let error = failure("{\"files\":[\(objects)]}") { reader in
            _ = reader.objects("files", maximum: 256) { file, _ in
                for name in ["name", "content", "encoding", "executable"] { _ = file.string(name) }
                return 0
            }
        }
        #expect(error?.details.count == 32)
        #expect(clock.now - start < .seconds(30))
    }

    @Test func whatIsShownOfARequestIsShortAndWithoutControlCharacters() {
        let long = String(repeating: "\u{301}", count: 500)
        for name in ["\\u0000\\u001b[2J", long] {
            guard let error = failure("{\"\(name)\":1}", { _ = $0 }) else {
                Issue.record("an unknown name was taken")
                continue
            }
            let text = ([error.message] + error.details.flatMap { [$0.key, $0.value] }).joined()
            #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
            #expect(text.utf8.count < 1200)
        }
    }

    @Test func textThatIsTooLongIsNotHandedOn() {
        var text: String?
        let error = failure(#"{"s":"ééé"}"#) { text = $0.string("s", maximumBytes: 5) }
        #expect(error?.details["s"]?.contains("6 bytes") == true)
        #expect(text == nil)
        let none = failure(#"{"s":"ééé"}"#) { text = $0.string("s", maximumBytes: 6) }
        #expect(none == nil)
        #expect(text == "ééé")
    }
}
