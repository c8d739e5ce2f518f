import type { LinkType } from '../../ttlv/tables/enums.ts';
import type { AttributeSet, GivenAttribute } from '../kmip/attribute-set.ts';

/** A Link attribute to an object. */
export function linkTo(linkType: LinkType, id: string): GivenAttribute {
  return { key: 'Link', value: { linkType, linkedObjectIdentifier: id } };
}

/** The identifiers of the linked objects of a type, in the order of the instances. */
export function linked(attributes: AttributeSet, type: LinkType): readonly string[] {
  return attributes
    .all('Link')
    .map(({ value }) => value)
    .filter(({ linkType }) => linkType === type)
    .map(({ linkedObjectIdentifier }) => linkedObjectIdentifier)
    .filter((id) => typeof id === 'string');
}

/** The attributes with exactly one link of a type. */
export function withLink(attributes: AttributeSet, linkType: LinkType, id: string): AttributeSet {
  return withoutLinks(attributes, [linkType]).adding('Link', { linkType, linkedObjectIdentifier: id });
}

/** The attributes without links of some types. */
export function withoutLinks(attributes: AttributeSet, types: readonly LinkType[]): AttributeSet {
  let rest = attributes;
  for (const { index, value } of attributes.all('Link')) {
    if (types.includes(value.linkType)) rest = rest.without('Link', index);
  }
  return rest;
}
