// Stands in for the phone's satellites: `satellites(lat, lon, seconds, heading)` is one measurement, so many seconds
// after the page was opened.
(() => {
  const watchers = new Map();
  const began = Date.now() - 3600_000;
  let last = null;
  let number = 0;
  const geolocation = {
    watchPosition(take) {
      watchers.set(++number, take);
      return number;
    },
    clearWatch: (watch) => watchers.delete(watch),
    getCurrentPosition: (take) => last && take(last),
  };
  Object.defineProperty(navigator, "geolocation", { value: geolocation });
  window.satellites = (latitude, longitude, seconds, heading = null) => {
    const coords = { latitude, longitude, accuracy: 8, altitude: 760, altitudeAccuracy: null, heading, speed: 15 };
    last = { coords, timestamp: began + seconds * 1000 };
    for (const take of watchers.values()) {
      take(last);
    }
  };
})();
