// HTML that a cell displays: in a frame that has neither this page's origin nor scripts of its own, as high as its content.

const least = 24;
const most = 640;

/**
 * What runs in the frame, and nothing else: the page's policy (SecurityHeaders.swift) names the digest of exactly this text. It tells the height
 * of the content, again whenever that changes.
 */
const script = "new ResizeObserver(()=>{const e=document.documentElement;parent.postMessage(e.offsetHeight+(e.scrollWidth>e.clientWidth?17:0),'*')}).observe(document.documentElement)";

const frames = new Set();

addEventListener("message", ({ source, data }) => {
  if (typeof data !== "number" || !(data >= 0)) return;
  for (const frame of frames) {
    if (!frame.isConnected) frames.delete(frame);
    else if (frame.contentWindow === source) frame.style.height = `${Math.min(Math.max(Math.ceil(data), least), most) + 2}px`;
  }
});

/** A frame that shows HTML without trusting it. */
export function htmlFrame(html) {
  const frame = document.createElement("iframe");
  // No origin, no forms, no way out.
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = "HTML of the cell";
  frame.srcdoc = `<!doctype html><script>${script}</script>${html}`;
  // Not before it is in the document: frames that are not are forgotten.
  queueMicrotask(() => frames.add(frame));
  return frame;
}
