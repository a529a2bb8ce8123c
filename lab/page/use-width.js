// @ts-check
import { useEffect, useRef, useState } from 'preact/hooks'

/** A reference for an element, and the element's width in pixels, 0 before it is laid out. */
export function useWidth() {
  const element = useRef(/** @type {HTMLElement | null} */ (null))
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.current?.clientWidth ?? 0)))
    if (element.current) observer.observe(element.current)
    return () => observer.disconnect()
  }, [])
  return /** @type {const} */ ([element, width])
}
