import { defineConfig } from 'vitest/config';

// `npm run dev` talks to a host on its default port; the built page talks to the host that serves it.
const host = process.env['SMARTCITY_HOST'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    // MapLibre alone is over the default limit; it is loaded only by pages that show a map.
    chunkSizeWarningLimit: 1200,
    // A page whose policy forbids data: URLs must still work.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // Web servers differ in what they take .mjs for; a worker needs a JavaScript type.
        assetFileNames: asset => `assets/[name]-[hash]${asset.names.some(name => name.endsWith('.mjs')) ? '.js' : '[extname]'}`,
      },
    },
  },
  server: {
    proxy: {
      '/api': host,
      '/live': { target: host, ws: true },
    },
  },
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    globalSetup: ['tests/browser/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
