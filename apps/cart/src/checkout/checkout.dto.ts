import { ValidateBy } from 'class-validator';

/** An address as the order service knows it: a whole number from 1, or 1 to 64 letters, digits, `_ . : -`. */
export type AddressId = number | string;

const IsAddressId = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAddressId',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'number'
          ? Number.isSafeInteger(value) && value >= 1
          : typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value),
      defaultMessage: () => 'addressId must be a whole number from 1, or 1 to 64 letters, digits, _ . : or -',
    },
  });

export class CheckoutDto {
  @IsAddressId()
  addressId: AddressId;
}
