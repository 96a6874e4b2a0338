// Keeps the classroom display fresh. Without network the last page stays, and says so; without JavaScript the page
// reloads itself (noscript). Written for the old browsers that classroom displays have.
(function () {
  "use strict";
  var every = 5 * 60 * 1000;

  function show(text) {
    var fresh = new DOMParser().parseFromString(text, "text/html");
    document.title = fresh.title;
    document.body.innerHTML = fresh.body.innerHTML;
    document.body.classList.remove("board-offline");
  }

  function refresh() {
    fetch(location.href, { cache: "no-store" })
      .then(function (response) {
        if (response.status === 404) { location.reload(); }
        if (!response.ok) { throw new Error(response.status); }
        return response.text();
      })
      .then(show)
      .catch(function () { document.body.classList.add("board-offline"); });
  }

  setInterval(refresh, every);
  window.addEventListener("online", refresh);
  window.addEventListener("offline", function () { document.body.classList.add("board-offline"); });
})();
