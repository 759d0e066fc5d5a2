import Foundation
import TestSupport
import Testing

@Suite("Files of workspaces", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct WorkspaceFileTests {
    private let service: Service

    init() throws {
        service = try Service.shared(["--rate-burst", "100000", "--rate-per-minute", "100000"])
    }

    @Test("files: lists, ranges, tags, conditions, moves; no path leads out")
    func files() throws {
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        let file = workspace + "/files/a/b.txt"
        let new = try service.request("PUT", file, body: "0123456789")
        #expect(new.status == 201, "\(new.text)")
        let tag = try #require(new.headers["etag"])
        let read = try service.get(file)
        #expect(read.text == "0123456789" && read.headers["etag"] == tag)
        #expect(
            try service.request("GET", file, body: nil as String?, headers: ["If-None-Match: \(tag)"]).status == 304)
        for (range, status, text) in [
            ("bytes=2-4", 206, "234"), ("bytes=7-", 206, "789"), ("bytes=-2", 206, "89"), ("bytes=20-", 416, nil),
            ("bytes=5-2", 200, "0123456789"),
        ] as [(String, Int, String?)] {
            let part = try service.request("GET", file, body: nil as String?, headers: ["Range: \(range)"])
            #expect(part.status == status, "\(range): \(part.text)")
            if let text { #expect(part.text == text) }
        }
        #expect(try service.request("PUT", file, body: "x", headers: ["If-None-Match: *"]).status == 412)
        #expect(try service.request("PUT", file, body: "x", headers: ["If-Match: \"other\""]).status == 412)
        #expect(try service.request("PUT", file, body: "new", headers: ["If-Match: \(tag)"]).status == 204)
        #expect(try service.request("PUT", file, body: "late", headers: ["If-Match: \(tag)"]).status == 412)
        #expect(try service.get(file).text == "new")
        #expect(try service.post(workspace + "/move", ["from": "a/b.txt", "to": "c/d.txt"]).status == 204)
        #expect(try service.get(file).code == "FILE_NOT_FOUND")
        let list = try service.get(workspace + "/files?recursive=1")
        let paths = (list.json["files"] as? [[String: Any]] ?? []).compactMap { $0["path"] as? String }
        #expect(paths == ["a", "c", "c/d.txt"], "\(list.text)")
        _ = try service.exec(workspace, "mkfifo pipe; ln -s /etc out; ln -s ../../etc/passwd p; mkdir dir")
        for path in ["pipe", "out", "out/passwd", "p", "dir", "a%2f..%2f..%2fetc", "%2e%2e/x"] {
            let answer = try service.get(workspace + "/files/" + path)
            #expect(
                [400, 404, 409].contains(answer.status) && !answer.text.contains("root:"), "\(path): \(answer.text)")
        }
        #expect(try service.delete(workspace + "/files/c").status == 204)
    }

    @Test("a folder goes down as a tar and up again; FIFOs, devices and paths that lead out refuse it as a whole")
    func archives() throws {
        let workspace = try service.makeWorkspace()
        defer { _ = try? service.delete(workspace) }
        _ = try service.exec(workspace, "mkdir -p d/e; echo one > d/e/f; chmod +x d/e/f; ln -s f d/e/l; mkfifo d/p")
        let tar = try service.get(workspace + "/archive?path=d")
        #expect(tar.status == 200 && tar.headers["content-type"] == "application/x-tar")
        #expect(tar.headers["x-nestbox-skipped"] == "1", "the FIFO")
        let type = ["Content-Type: application/x-tar"]
        func put(_ query: String, _ body: [UInt8]) throws -> Answer {
            let wire = try LoopbackConnection(port: service.port)
            let head =
                ["PUT \(workspace)/archive\(query) HTTP/1.1", "Host: 127.0.0.1:\(service.port)", "Connection: close"]
                + type + ["Content-Length: \(body.count)"]
            wire.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
            return try #require(wire.answer(seconds: 20))
        }
        #expect(try put("?path=copy", tar.body).status == 204)
        let copy = try service.exec(workspace, "cat copy/d/e/l; test -x copy/d/e/f && echo x; readlink copy/d/e/l")
        #expect(copy.json["stdout"] as? String == "one\nx\nf\n", "\(copy.text)")
        #expect(try put("?replace=1", tar.body).status == 204)
        #expect(try service.exec(workspace, "ls").json["stdout"] as? String == "d\n")
        let bad = try service.exec(
            workspace,
            "mkdir t; cd t; echo x > ok; mkfifo q; tar cf ../fifo.tar ok q; tar cPf ../out.tar --transform 's,ok,../../out,' ok; cd ..; ls *.tar"
        )
        #expect(bad.json["stdout"] as? String == "fifo.tar\nout.tar\n", "\(bad.text)")
        for name in ["fifo.tar", "out.tar"] {
            let body = try service.get(workspace + "/files/" + name).body
            let answer = try put("?path=bad", body)
            #expect(answer.status == 400, "\(name): \(answer.text)")
        }
        #expect(try put("?path=bad", Array("no tar".utf8)).status == 400)
        #expect(try service.get(workspace + "/files?path=bad").code == "FILE_NOT_FOUND", "nothing was written")
        #expect(try service.post(workspace + "/folders", ["path": "new/deep"]).status == 204)
        #expect(try service.exec(workspace, "ls -d new/deep").json["stdout"] as? String == "new/deep\n")
    }

    @Test("searches by name and by text, which are never taken for options or commands")
    func search() throws {
        let workspace = try service.makeWorkspace([
            "files": [["path": "a/x.txt", "content": "one\nTwo $(id)\n-e three"], ["path": "b.md", "content": "two"]]
        ])
        defer { _ = try? service.delete(workspace) }
        func found(_ body: [String: Any]) throws -> [String] {
            let answer = try service.post(workspace + "/search", body)
            #expect(answer.status == 200, "\(answer.text)")
            return (answer.json["matches"] as? [[String: Any]] ?? []).map {
                ($0["path"] as? String ?? "") + (($0["line"] as? Int).map { ":\($0)" } ?? "")
            }.sorted()
        }
        #expect(try found(["name": "*.txt"]) == ["a/x.txt"])
        #expect(try found(["text": "two", "case": false]) == ["a/x.txt:2", "b.md:1"])
        #expect(try found(["text": "t[wh]", "regex": true, "name": "*.txt"]) == ["a/x.txt:3"])
        #expect(try found(["text": "-e three"]) == ["a/x.txt:3"] && found(["text": "$(id)"]) == ["a/x.txt:2"])
        #expect(try found(["text": "nowhere"]).isEmpty)
        #expect(try service.post(workspace + "/search", [:]).status == 400)
        #expect(try service.post(workspace + "/search", ["text": "(", "regex": true]).code == "FILES_FAILED")
    }

    @Test("of two that write one file only one has read what was there")
    func writers() throws {
        let workspace = try service.makeWorkspace(["files": [["path": "f", "content": "0"]]])
        defer { _ = try? service.delete(workspace) }
        let tag = try #require(try service.get(workspace + "/files/f").headers["etag"])
        let service = service
        nonisolated(unsafe) var statuses = [Int](repeating: 0, count: 8)
        let lock = NSLock()
        DispatchQueue.concurrentPerform(iterations: 8) { index in
            let status =
                (try? service.request(
                    "PUT", workspace + "/files/f", body: "writer \(index)", headers: ["If-Match: \(tag)"]))?.status ?? 0
            lock.withLock { statuses[index] = status }
        }
        #expect(statuses.count { $0 == 204 } == 1 && statuses.count { $0 == 412 } == 7, "\(statuses)")
    }

    @Test("a full disk refuses a file by the limit's name, and the workspace goes on")
    func diskFull() throws {
        let workspace = try service.makeWorkspace(["limits": ["disk": "4MiB"]])
        defer { _ = try? service.delete(workspace) }
        _ = try service.exec(workspace, "head -c 3500000 /dev/zero > big")
        let full = try service.request("PUT", workspace + "/files/more", body: [UInt8](repeating: 1, count: 2_000_000))
        #expect(full.code == "FILES_FAILED" && full.text.contains("disk"), "\(full.text)")
        #expect(try service.exec(workspace, "rm big; echo ok").json["stdout"] as? String == "ok\n")
        #expect(try service.request("PUT", workspace + "/files/more", body: "x").status == 201)
    }
}
