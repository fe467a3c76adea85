/** A component as it arrives. */

/** Discord's own type is a union of some twenty; the page reads these fields of any and shows nothing for kinds it does not know. */
export interface AnyComponent {
  type: number;
  components?: AnyComponent[];
  component?: AnyComponent;
  accessory?: AnyComponent;
  custom_id?: string;
  style?: number;
  label?: string;
  description?: string | null;
  emoji?: { id?: string | null; name?: string | null };
  url?: string;
  disabled?: boolean;
  placeholder?: string;
  options?: { label: string; value: string; description?: string; emoji?: { name?: string | null }; default?: boolean }[];
  default_values?: { id: string; type: string }[];
  min_values?: number;
  max_values?: number;
  min_length?: number;
  max_length?: number;
  required?: boolean;
  value?: string;
  default?: boolean;
  content?: string;
  accent_color?: number | null;
  divider?: boolean;
  /** Of a separator: 1 small, 2 large. */
  spacing?: number;
  spoiler?: boolean;
  media?: { url: string };
  file?: { url: string };
  name?: string;
  size?: number;
  items?: { media: { url: string }; description?: string | null; spoiler?: boolean }[];
  channel_types?: number[];
}
