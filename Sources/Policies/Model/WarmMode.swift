/// What a pool keeps ready (docs/policies.md): a fork of a warmed interpreter, a booted one, or a bare sandbox.
package enum WarmMode: String, Sendable, CaseIterable {
    case fork, boot, none
}
