"""The engine: load now; plan, apply, cycle and the rest as they land. Reaches a store only through the Protocols of `sync.store`."""
