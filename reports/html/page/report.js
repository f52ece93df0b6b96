// The page is whole without this script; it only makes some ways shorter. What
// was too much for the page is packed in it, and unfolded here.
(function () {
  "use strict";
  var root = document.documentElement, main = document.querySelector("main");
  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function byId(id) { return id ? document.getElementById(id) : null; }
  var rows = all("#index .rows > li");
  var one = byId("packs") || all("main > article").length > 1; // stories are shown one by one

  // -- Stories that are packed --------------------------------------------

  // Those that are there without pictures as well make room for the packed ones,
  // whose lines in the index get their places.
  all(".plain article").forEach(function (plain) {
    var row = rows.filter(function (r) { return r.dataset.p && r.querySelector("a").getAttribute("href") === "#" + plain.id; })[0];
    if (row) row.id = plain.id;
  });
  all(".plain").forEach(function (e) { e.remove(); });

  var packs = byId("packs") ? JSON.parse(byId("packs").textContent) : [];
  var unfolded = {};
  function unfold(n) {
    if (unfolded[n]) return unfolded[n];
    var bytes = Uint8Array.from(atob(packs[n - 1]), function (c) { return c.charCodeAt(0); });
    var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return unfolded[n] = new Response(stream).text().then(function (text) {
      // The first pieces of all runs come first, then all second ones, and so on.
      var pieces = text.split("\0"), n = pieces.filter(function (p) { return p.indexOf("<article") >= 0; }).length;
      var whole = "";
      for (var run = 0; run < n; run++) {
        for (var at = run; at < pieces.length - 1; at += n) whole += pieces[at];
      }
      var box = document.createElement("template");
      box.innerHTML = whole; // our own pages' markup, in which all that was recorded is escaped
      return box.content;
    });
  }
  // In its pack a run's ids are short, and its picture has no times; in the page
  // ids begin with the run's own key, and times are as in the table.
  function settle(article) {
    if (!article) return null;
    var key = article.dataset.k;
    var row = byId(article.id);
    if (row) row.removeAttribute("id");
    all("[id]", article).forEach(function (e) { if (/^(e\d+|title|_.*)$/.test(e.id)) e.id = key + e.id; });
    all("a", article).forEach(function (a) {
      var to = /^#(e\d+|_.*)$/.exec(a.getAttribute("href"));
      if (to) a.setAttribute("href", "#" + key + to[1]);
    });
    main.appendChild(article);
    all(".lanes a:not(.pin)", article).forEach(function (a) {
      var row = byId(a.getAttribute("href").slice(1)), time = a.querySelector(".t");
      if (row && time.firstChild.nodeType !== 3) time.insertBefore(document.createTextNode(row.cells[1].textContent), time.firstChild);
    });
    article.setAttribute("aria-labelledby", key + "title");
    furnish(article);
    return article;
  }
  // The packed run with this place in an address goes into the page.
  function fetched(row) {
    return unfold(Number(row.dataset.p)).then(function (box) {
      return settle(box.getElementById(row.id));
    });
  }
  // Further rounds have no line in the index: they are looked for in every pack.
  function anywhere(is) {
    var n = 0;
    function next() {
      if (++n > packs.length) return null;
      return unfold(n).then(function (box) {
        var article = is(box);
        if (!article) return next();
        return settle(article);
      });
    }
    return Promise.resolve(next());
  }

  // -- The way to a story, and to an event of it ---------------------------

  function place() {
    var hash = location.hash.slice(1);
    try { return decodeURIComponent(hash); } catch (e) { return hash; }
  }
  // An address is a run's, or a story's, or one of an event in it: "story/e17".
  function find(id) {
    var target = byId(id);
    var article = target && target.closest(".story");
    if (article) return Promise.resolve([article, target === article || target.parentNode === article && target.tagName === "SPAN" ? null : target]);
    var parts = /^(.*?)(\/(?:e\d+|_\w+))?$/.exec(id), base = parts[1], event = parts[2];
    var row = rows.filter(function (r) {
      return r.dataset.p && (r.id === base || r.id.indexOf(base + "/") === 0);
    })[0];
    var known = byId(base);
    var found = known && known.closest(".story") ? Promise.resolve(known.closest(".story")) :
      row ? fetched(row) : packs.length ? anywhere(function (box) {
        var inside = box.getElementById(base); // the run, or its story's name within it
        return inside ? inside.closest(".story") : box.querySelector('[data-k="' + base.replace(/[^a-z0-9]/g, "") + '/"]');
      }) : Promise.resolve(null);
    return found.then(function (article) {
      return article && [article, event ? byId(article.dataset.k + event.slice(1)) : null];
    });
  }
  var shown = null, turn = 0;
  function show(article) {
    if (shown === article) return;
    if (shown) shown.classList.remove("open");
    shown = article;
    if (article) article.classList.add("open");
    if (one) main.classList.toggle("viewing", Boolean(article));
    if (one) root.classList.toggle("viewing", Boolean(article));
  }
  function go() {
    var id = place(), mine = ++turn;
    if (!id || id === "index" || id.charAt(0) === "?" || (byId(id) && !byId(id).closest(".story") && !byId(id).dataset.p)) {
      show(null);
      if (id.charAt(0) === "?") read(id.slice(1));
      var target = byId(id);
      if (target) target.scrollIntoView();
      return;
    }
    find(id).then(function (found) {
      if (mine !== turn || !found) return;
      show(found[0]);
      reveal(found[1] || found[0]);
      if (!found[1]) found[0].querySelector("h2").focus({ preventScroll: true });
    });
  }
  // A link to something inside a closed part opens that part.
  function reveal(target) {
    for (var at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
    all(".here").forEach(function (e) { e.classList.remove("here"); });
    if (target.tagName === "TR") target.classList.add("here");
    target.scrollIntoView({ block: target.tagName === "ARTICLE" ? "start" : "center" });
  }
  addEventListener("hashchange", go);

  // -- Keys -----------------------------------------------------------------

  addEventListener("keydown", function (event) {
    var at = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName)) return;
    if (at.classList && at.classList.contains("scroll") && at.scrollWidth > at.clientWidth && /^Arrow/.test(event.key)) return;
    var story = shown || (!one && document.querySelector(".story"));
    var did = false;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      did = story && step(all(".lanes a:not(.pin)", story), event.key === "ArrowRight" ? 1 : -1);
    } else if (event.key === "f" || event.key === "F") {
      did = story && step(all(".lanes a", story).filter(function (a) { return a.querySelector(".l-hit"); }), 1);
    } else if (event.key === "b" || event.key === "B") {
      did = story && step(all(".lanes a.pin", story), 1) || failing(story);
    }
    if (did) event.preventDefault();
  });
  // The focus is where the reader is: it is seen, it is spoken, and Enter
  // follows it to the table.
  function step(list, by) {
    if (!list.length) return false;
    var at = list.indexOf(document.activeElement);
    if (at < 0) { // from wherever the focus is, the next one of the kind
      var after = list.filter(function (e) { return document.activeElement.compareDocumentPosition(e) & 4; });
      at = document.activeElement.closest && document.activeElement.closest(".lanes") && after.length ? list.indexOf(after[0]) - 1 : -1;
      if (by < 0) at = at < 0 ? list.length : at + 1;
    }
    var next = list[(at + by + list.length) % list.length];
    next.focus();
    next.scrollIntoView({ block: "center", inline: "nearest" });
    return true;
  }
  function failing(story) {
    if (story) {
      var link = story.querySelector('.way [rel="next"]');
      if (link) link.click();
      return Boolean(link);
    }
    var links = all(".rows > li:not([hidden])").filter(function (r) { return /^(broke|missed|unfinished|unproven)/.test(r.dataset.v); })
      .map(function (r) { return r.querySelector("a"); });
    return step(links, 1);
  }

  // -- Filters: their state is in the address --------------------------------

  var form = document.querySelector(".filters");
  var texts = null;
  function words(row) { return (row.textContent + " " + (row.dataset.f || "") + " " + (row.dataset.l || "")).toLowerCase(); }
  function state() {
    var s = new URLSearchParams();
    var q = form.elements.q.value.trim();
    if (q) s.set("q", q);
    var pressed = all("button[aria-pressed=true]", form).map(function (b) { return b.value; });
    if (pressed.length) s.set("v", pressed.join(","));
    all("select", form).forEach(function (list) { if (list.value) s.set(list.name, list.value); });
    return s.toString();
  }
  function read(text) {
    if (!form || state() === text) return;
    var s = new URLSearchParams(text), on = (s.get("v") || "").split(",");
    form.elements.q.value = s.get("q") || "";
    all("button", form).forEach(function (b) { b.setAttribute("aria-pressed", String(on.indexOf(b.value) >= 0)); });
    all("select", form).forEach(function (list) { list.value = s.get(list.name) || ""; });
    filter();
  }
  function has(list, word) { return (" " + (list || "") + " ").indexOf(" " + word + " ") >= 0; }
  function filter() {
    texts = texts || rows.map(words);
    var s = new URLSearchParams(state());
    var q = (s.get("q") || "").toLowerCase().split(/\s+/), on = s.get("v") ? s.get("v").split(",") : [];
    var left = 0;
    rows.forEach(function (row, i) {
      var fits = q.every(function (w) { return texts[i].indexOf(w) >= 0; }) &&
        (!on.length || on.some(function (v) { return has(row.dataset.v, v); })) &&
        (!s.get("fault") || has(row.dataset.f, s.get("fault"))) && (!s.get("label") || has(row.dataset.l, s.get("label")));
      if (fits) left++;
      if (row.hidden === fits) row.hidden = !fits;
    });
    form.querySelector("output").textContent = s.toString() ? left + " of " + rows.length : "";
  }
  function changed() {
    filter();
    var text = state();
    try { history.replaceState(null, "", text ? "#?" + text : "#index"); } catch (e) { /* a sandbox forbids it */ }
    all('.way [rel="up"]').forEach(back);
  }
  function back(link) {
    if (form && /^#/.test(link.getAttribute("href"))) link.setAttribute("href", state() ? "#?" + state() : "#index");
  }
  if (form && rows.length > 1) {
    form.hidden = false;
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("input", changed);
    (window.requestIdleCallback || setTimeout)(function () { texts = texts || rows.map(words); });
    form.addEventListener("click", function (event) {
      if (event.target.tagName !== "BUTTON") return;
      event.target.setAttribute("aria-pressed", String(event.target.getAttribute("aria-pressed") !== "true"));
      changed();
    });
  }

  // -- What each story gets ----------------------------------------------------

  function furnish(within) {
    all("pre.replay", within).forEach(function (line) {
      if (!navigator.clipboard) return;
      var button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", function () {
        navigator.clipboard.writeText(line.textContent).then(function () { button.textContent = "Copied"; });
      });
      line.after(button);
    });
    all('.way [rel="up"]', within).forEach(back);
  }

  // Paper has no details to open.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = all("details:not([open])");
    opened.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (d) { d.open = false; });
  });

  if (one) root.classList.add("js");
  furnish(document);
  go();
  root.dataset.ready = "yes";
})();
