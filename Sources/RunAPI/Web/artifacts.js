// The files that a run exported: images are shown, all others can be saved.

// Types that the service detects from the content. SVG is not among them: it can contain scripts.
const shown = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
/** More, or larger ones, can only be saved: untrusted code decides how many there are. */
const most = { images: 32, bytes: 16 * 2 ** 20 };

export class Artifacts {
  #place;
  #nestbox;
  #bytes;
  #urls = [];
  /** Incremented with each run, so that files of an earlier run are not added to those of this one. */
  #turn = 0;

  /**
   * @param {HTMLElement} place
   * @param {import("/nestbox.js").Nestbox} nestbox
   * @param {(count: number) => string} bytes renders a size
   */
  constructor(place, nestbox, bytes) {
    this.#place = place;
    this.#nestbox = nestbox;
    this.#bytes = bytes;
  }

  clear() {
    this.#turn += 1;
    for (const url of this.#urls) URL.revokeObjectURL(url);
    this.#urls = [];
    this.#place.hidden = true;
    this.#place.replaceChildren();
  }

  /** @param {{path: string, bytes: number, content_type: string}[]} files of the run `id` */
  async show(files, id) {
    this.clear();
    if (files.length === 0) return;
    const turn = this.#turn;
    const sorted = [...files].sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    const images = sorted.filter((file) => shown.has(file.content_type) && file.bytes <= most.bytes).slice(0, most.images);
    const entries = new Map(sorted.map((file) => [file, this.#entry(file, id)]));
    this.#place.append(...entries.values());
    this.#place.hidden = false;
    // One after the other, in their order: the first one appears soonest.
    for (const file of images) {
      try {
        const url = await this.#load(file, id);
        if (turn !== this.#turn) return;
        this.#picture(entries.get(file), file, url);
      } catch (error) {
        if (turn !== this.#turn) return;
        entries.get(file).append(` ${error.message}`);
      }
    }
  }

  async #load(file, id) {
    const turn = this.#turn;
    const blob = await this.#nestbox.artifact(id, file.path);
    if (turn !== this.#turn) return null;
    const url = URL.createObjectURL(blob);
    this.#urls.push(url);
    return url;
  }

  #entry(file, id) {
    const entry = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const link = document.createElement("a");
    link.textContent = file.path;
    link.href = `/api/v1/runs/${id}/artifacts/${file.path.split("/").map(encodeURIComponent).join("/")}`;
    link.download = file.path.split("/").pop();
    link.addEventListener("click", async (event) => {
      if (link.href.startsWith("blob:")) return;
      // A plain link could not carry the key.
      event.preventDefault();
      try {
        const url = await this.#load(file, id);
        if (!url) return;
        link.href = url;
        link.click();
      } catch (error) {
        entry.append(` ${error.message}`);
      }
    });
    caption.append(link, ` ${this.#bytes(file.bytes)}`);
    entry.append(caption);
    return entry;
  }

  #picture(entry, file, url) {
    const image = document.createElement("img");
    image.alt = `${file.path}, ${this.#bytes(file.bytes)}`;
    image.decoding = "async";
    image.onerror = () => {
      image.remove();
      entry.querySelector("figcaption").append(", cannot be shown");
    };
    image.src = url;
    entry.querySelector("a").href = url;
    entry.prepend(image);
  }
}
