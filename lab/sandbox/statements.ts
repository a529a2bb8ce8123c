/** A statement in PostgreSQL's log that reads products, prepared by name or not. */
export const readsList = /LOG: {2}(statement|execute [^:]*): select .*\bfrom "products"/
