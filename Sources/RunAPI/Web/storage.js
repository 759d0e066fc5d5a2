// The browser's storage. In a frame of another page, or in private windows, it may be denied: then nothing is kept.

const of = (kind) => {
  try {
    return globalThis[kind];
  } catch {
    return null;
  }
};

function area(kind) {
  return {
    get(name) {
      try {
        return of(kind)?.getItem(name) ?? null;
      } catch {
        return null;
      }
    },
    /** Stores a value; returns whether it was stored. */
    set(name, value) {
      try {
        if (value === null) of(kind).removeItem(name);
        else of(kind).setItem(name, value);
        return true;
      } catch {
        return false;
      }
    },
    names() {
      try {
        return Object.keys(of(kind) ?? {});
      } catch {
        return [];
      }
    },
  };
}

/** Until the user clears it. */
export const kept = area("localStorage");
/** Until the tab is closed; a reload keeps it. */
export const session = area("sessionStorage");
