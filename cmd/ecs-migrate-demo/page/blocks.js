import { el, newID } from './dom.js'
import { drawElement, image, unknown } from './elements.js'
import { plainText, parse } from './mrkdwn.js'
import { drawRichText, drawText } from './rich.js'

// Block Kit, drawn. Source: https://docs.slack.dev/reference/block-kit/blocks

// drawBlocks draws blocks on a surface (see drawElement). What it does not know, it shows as such.
export function drawBlocks(blocks, surface) {
  return (blocks || []).map((b) => {
    const draw = kinds[b.type]
    const node = draw ? draw(b, surface) : unknown(b, surface.app)
    node.dataset.block = b.type
    if (b.block_id) node.dataset.blockId = b.block_id
    return node
  })
}

const kinds = { header, section, context, actions, divider, input, image: picture, rich_text: richText }

function header(b, { app }) {
  return el('h3', { class: 'block-header' }, drawText(b.text, app))
}

function section(b, surface) {
  const { app } = surface
  const words = b.text ? plainText(parse(b.text.text)).slice(0, 80) : ''
  return el('div', { class: 'block-section' },
    el('div', { class: 'block-main' },
      b.text && el('div', { class: 'text' }, drawText(b.text, app)),
      b.fields && el('div', { class: 'fields' }, b.fields.map((f) => el('div', { class: 'text' }, drawText(f, app))))),
    b.accessory && el('div', { class: 'accessory' }, drawElement(b.accessory, b, surface, { text: words })))
}

function context(b, surface) {
  return el('div', { class: 'block-context' }, (b.elements || []).map((e) => {
    if (e.type === 'image') return image({ element: e, app: surface.app })
    if (e.type === 'mrkdwn' || e.type === 'plain_text') return el('span', { class: 'text' }, drawText(e, surface.app))
    return unknown(e, surface.app)
  }))
}

function actions(b, surface) {
  return el('div', { class: 'block-actions' }, (b.elements || []).map((e) => drawElement(e, b, surface)))
}

function divider() {
  return el('hr', { class: 'block-divider' })
}

// input is a field of a form with its label, hint and, once it was refused, its error.
function input(b, surface) {
  const { app } = surface
  const label = { id: newID('label'), notes: newID('notes') }
  return el('div', { class: 'block-input' },
    el('span', { class: 'label', id: label.id, onclick: (e) => e.target.parentNode.querySelector('input, select, textarea, button')?.focus() },
      drawText(b.label, app), b.optional && el('small', {}, ` ${app.t('optional')}`)),
    drawElement(b.element, b, surface, label),
    el('div', { id: label.notes },
      el('p', { class: 'field-error', 'data-error-for': b.block_id, role: 'alert' }),
      b.hint && el('p', { class: 'hint-text' }, drawText(b.hint, app))))
}

function picture(b, { app }) {
  return el('figure', { class: 'block-image' }, b.title && el('figcaption', {}, drawText(b.title, app)), image({ element: b, app }))
}

function richText(b, { app }) {
  return el('div', { class: 'block-rich text' }, drawRichText(b, app, (part) => unknown(part, app)))
}
