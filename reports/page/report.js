// The page is whole without this script; it only makes some ways shorter.
(function () {
  "use strict";

  // A link to something inside a closed part opens that part.
  function reveal() {
    var id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch (e) { /* not escaped: take it as it is */ }
    var target = id && document.getElementById(id);
    if (!target) return;
    var own = target.querySelector(":scope > details.all");
    if (own) own.open = true;
    for (var at = target.parentElement; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
    target.scrollIntoView();
  }
  addEventListener("hashchange", reveal);
  reveal();

  // Paper has no details to open.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    opened.forEach(function (d) { d.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (d) { d.open = false; });
  });

  var search = document.querySelector(".search");
  var rows = Array.prototype.slice.call(document.querySelectorAll(".rows > li"));
  search.hidden = rows.length < 2;
  search.querySelector("input").addEventListener("input", function (event) {
    var words = event.target.value.toLowerCase().split(/\s+/);
    rows.forEach(function (row) {
      var text = row.textContent.toLowerCase();
      row.hidden = !words.every(function (w) { return text.indexOf(w) >= 0; });
    });
  });

  Array.prototype.forEach.call(document.querySelectorAll("pre.replay"), function (line) {
    if (!navigator.clipboard) return;
    var button = document.createElement("button");
    button.className = "replayed";
    button.textContent = "Copy";
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(line.textContent).then(function () { button.textContent = "Copied"; });
    });
    line.after(button);
  });
})();
