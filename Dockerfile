# One image per app: docker build --build-arg APP=order -t oms/order .
# APP is a folder under apps/: api-gateway, auth, inventory, order, cart.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without install scripts: the only one that matters brings a Node, and this image has one.
RUN npm ci --include=dev --ignore-scripts
COPY . .
RUN npm run -s build

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM node:24-bookworm-slim
ARG APP
WORKDIR /app
ENV APP=$APP NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
RUN test -f "dist/apps/$APP/src/main.js" && mkdir /data && chown node:node /data
USER node
VOLUME /data
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "dist/scripts/healthcheck/main.js"]
# exec: the app itself gets SIGTERM and shuts down in order.
CMD ["sh", "-c", "exec node dist/apps/$APP/src/main.js"]
