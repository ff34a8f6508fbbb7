// A page without products of its own.

import { startDemo } from "./people.js";

startDemo(() => {});
