import { defineConfig } from "@hey-api/openapi-ts";

export default defineConfig({
  input: "../v1.json",
  output: "generated/hey-api",
  logs: { file: false, level: "warn" },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
});
