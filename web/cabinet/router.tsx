import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { Broken } from "./shell/Broken";
import { Missing } from "./shell/Missing";
import { Root } from "./shell/Root";

const root = createRootRoute({ component: Root, notFoundComponent: Missing });

const logistics = createRoute({
  getParentRoute: () => root,
  id: "logistics",
  component: lazyRouteComponent(() => import("./trips/Logistics"), "Logistics"),
});

// The map stays while these change: what they show is read from the address by the screen itself.
const overview = createRoute({ getParentRoute: () => logistics, path: "/", component: Outlet });
const trip = createRoute({ getParentRoute: () => logistics, path: "/trips/$tripId", component: Outlet });
const replay = createRoute({ getParentRoute: () => logistics, path: "/trips/$tripId/replay", component: Outlet });
const fence = createRoute({ getParentRoute: () => logistics, path: "/trips/$tripId/fence/$stopId", component: Outlet });
const create = createRoute({ getParentRoute: () => logistics, path: "/new", component: Outlet });

const drivers = createRoute({
  getParentRoute: () => root,
  path: "/drivers",
  component: lazyRouteComponent(() => import("./drivers/Drivers"), "Drivers"),
});
const driver = createRoute({
  getParentRoute: () => root,
  path: "/drivers/$driverId",
  component: lazyRouteComponent(() => import("./drivers/Drivers"), "Drivers"),
});
const archive = createRoute({
  getParentRoute: () => root,
  path: "/archive",
  component: lazyRouteComponent(() => import("./archive/Archive"), "Archive"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    logistics.addChildren([overview, trip, replay, fence, create]),
    drivers,
    driver,
    archive,
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
