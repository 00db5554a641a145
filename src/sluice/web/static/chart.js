// A hash rate over time, drawn over the still picture that came with the page.
// <figure class="chart" data-chart="URL"> holds <div class="plot"> and <figcaption>; URL gives {"at": [unix seconds],
// "rate": [hashes a second or null]}.
"use strict";
(() => {
  const prefixes = ["", "k", "M", "G", "T", "P", "E", "Z", "Y", "R", "Q"];
  const rate = (number) => {
    if (number === null || number === undefined) return "nothing known";
    let at = 0;
    while (Math.abs(number) >= 999.5 && at < prefixes.length - 1) {
      number /= 1000;
      at += 1;
    }
    return `${Number(number.toPrecision(3))} ${prefixes[at]}H/s`;
  };
  const root = document.documentElement;
  const clock = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });
  // What a token is in the scheme of now: a canvas knows no light-dark().
  const colour = (name) => {
    root.style.outlineColor = `var(${name})`;
    const said = getComputedStyle(root).outlineColor;
    root.style.outlineColor = "";
    return said;
  };
  const AGAIN = 60_000;

  const begin = (figure) => {
    const plot = figure.querySelector(".plot");
    const caption = figure.querySelector("figcaption");
    const words = caption.textContent;
    let drawn = null;
    let data = null;

    const draw = () => {
      if (!data) return;
      if (drawn) drawn.destroy();
      plot.textContent = "";
      drawn = new uPlot(options(), data, plot);
    };

    // One point makes no line.
    const few = () => data[1].filter((each) => each !== null).length < 3;
    // On a wall letters are larger.
    const em = (many) => Math.round(many * parseFloat(getComputedStyle(root).fontSize));
    const options = () => ({
      width: plot.clientWidth,
      height: plot.clientHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      padding: [10, em(1.2), 0, 0],
      scales: { y: { range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] } },
      axes: [
        { stroke: colour("--muted"), font: `${em(0.8)}px system-ui`, ticks: { show: false }, grid: { show: false }, space: em(4.7), size: em(3.4), gap: em(0.5) },
        {
          stroke: colour("--muted"),
          font: `${em(0.8)}px system-ui`,
          size: em(5.1),
          ticks: { show: false },
          grid: { stroke: colour("--line"), width: 1 },
          values: (_, values) => values.map(rate),
        },
      ],
      series: [
        {},
        { stroke: colour("--chart"), fill: colour("--chart-fill"), width: 2, points: { show: few, size: 8 }, spanGaps: false },
      ],
      hooks: {
        setCursor: [
          (chart) => {
            const at = chart.cursor.idx;
            const said = at === null || at === undefined ? words : `${clock.format(new Date(data[0][at] * 1000))}: ${rate(data[1][at])}`;
            if (caption.textContent !== said) caption.textContent = said;
          },
        ],
      },
    });

    const load = async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(figure.dataset.chart);
        if (!answer.ok) return;
        const { at, rate: rates } = await answer.json();
        if (!rates.some((each) => each !== null)) return;
        figure.classList.remove("bare");
        const fits = drawn && data[0].length === at.length;
        data = [at, rates];
        if (fits) drawn.setData(data);
        else draw();
      } catch {
        // The still picture stays.
      }
    };

    new ResizeObserver(() => {
      if (drawn && plot.clientWidth) drawn.setSize({ width: plot.clientWidth, height: plot.clientHeight });
    }).observe(plot);
    document.addEventListener("sluice:theme", draw);
    document.addEventListener("visibilitychange", load);
    load();
    setInterval(load, AGAIN);
  };

  document.querySelectorAll("figure[data-chart]").forEach(begin);
})();
